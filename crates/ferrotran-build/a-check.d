check.o: /tmp/.tmpztAMpK/project/out/native/check.c \
 /tmp/.tmpztAMpK/project/src/k.h
