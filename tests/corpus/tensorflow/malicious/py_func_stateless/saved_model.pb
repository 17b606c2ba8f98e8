j
"serve*2.21.0W

xPlaceholder*
dtype0
1
hiddenPyFuncStatelessx*
token
pyfunc_0"Ð