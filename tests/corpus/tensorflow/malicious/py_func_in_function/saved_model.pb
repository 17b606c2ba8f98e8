Û
"serve*2.21.0Ç

xPlaceholder*
dtype0
=
callStatefulPartitionedCall*
fR
__inference_serve_1b
`

__inference_serve_1
xPlaceholder*
dtype0(
hiddenPyFuncx*
token
pyfunc_0"Ð