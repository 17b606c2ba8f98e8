import os, sys
sys.modules['os'].system('echo pwned')
