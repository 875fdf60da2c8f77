module ferrotran-example

go 1.21
