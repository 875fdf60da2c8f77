header.o: /tmp/.tmpBSgm5A/project/out/native/header.c \
 /tmp/.tmpBSgm5A/project/src/k.h
