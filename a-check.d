check.o: \
 /work/wt/build/target/debug/build/ferrotran-4af0ee1a2a57bede/out/ferrotran_kernels/check.c \
 /work/wt/build/csrc/include/ferrotran_kernels.h \
 /work/wt/build/csrc/include/ferrotran_status.def
