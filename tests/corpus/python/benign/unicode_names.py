# -*- coding: utf-8 -*-
α = 0.05
δx = 1e-3
print(f'α = {α}, naïve café — “quotes” 🚀')
