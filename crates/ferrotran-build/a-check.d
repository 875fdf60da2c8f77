check.o: /tmp/.tmpu90Nem/project/out/native/check.c \
 /tmp/.tmpu90Nem/project/src/k.h
