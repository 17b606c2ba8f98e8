U
"serve*2.21.0$

xPlaceholder*
dtype0"Ð2

x:0../../../etc/passwd