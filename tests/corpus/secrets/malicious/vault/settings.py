import os

MODEL = 'small'
API_KEY = "hvs.pnY9bwzWDTRVIgHt5qZYUNxBlO2JxMUIgvBCVZadPdf1V2d9lvdcv_580VdnYU-uXnLDrK6kWqMg7SKrJCmMwbhG8FMrq-7b"
