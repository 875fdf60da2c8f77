header.o: \
 /work/wt/erf/target/debug/build/ferrotran-d77573ccf87f6f07/out/ferrotran_kernels/header.c \
 /work/wt/erf/csrc/include/ferrotran_kernels.h \
 /work/wt/erf/csrc/include/ferrotran_status.def
