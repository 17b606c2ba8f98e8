f
"serve*2.21.0S

xPlaceholder*
dtype0
-
hiddenEagerPyFuncx*
token
pyfunc_0"Ð