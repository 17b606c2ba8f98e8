Î
"serve*2.21.0$

xPlaceholder*
dtype0"Ð:”
‘"Ž
_tf_keras_layer{{"class_name": "Lambda", "config": {"name": "l", "function": {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}}}