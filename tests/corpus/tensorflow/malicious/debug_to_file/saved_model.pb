w
"serve*2.21.0d

xPlaceholder*
dtype0
>
hiddenDebugIdentityx*"

debug_urls
file:///tmp/dump"Ð