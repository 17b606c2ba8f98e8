KEYBOARD_LAYOUT = 'qwertyuiop1234567890'
MONKEY = 'patch'
TURKEY = 'ankara06'
keyword_arguments = dict(a=1)
