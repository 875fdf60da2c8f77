check.o: \
 /work/wt/commands/target/debug/build/ferrotran-cd5b063205246bfe/out/ferrotran_kernels/check.c \
 /work/wt/commands/csrc/include/ferrotran_kernels.h \
 /work/wt/commands/csrc/include/ferrotran_status.def
