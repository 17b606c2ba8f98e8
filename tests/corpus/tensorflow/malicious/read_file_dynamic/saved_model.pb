N
"serve*2.21.0;

xPlaceholder*
dtype0

hiddenReadFilex"Ð