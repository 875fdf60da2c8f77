header.o: /tmp/.tmpu90Nem/project/out/native/header.c \
 /tmp/.tmpu90Nem/project/src/k.h
