"""Which parameters the second stage of a calibration may move."""

STEERING_PARAMETERS = (
    "relay_membrane_time",
    "relay_synapse_time",
    "relay_slope",
    "offset_smb",
    "offset_rmd",
    "offset_smd",
    "log10_gain_sensory_to_aiy",
    "log10_gain_sensory_to_aib",
    "log10_gain_sensory_to_aiz",
    "log10_gain_aiy_to_aiz",
    "log10_gain_aiz_to_smb",
    "log10_gain_aib_to_rim",
    "muscle_gain_smb",
    "muscle_gain_rmd",
    "muscle_gain_smd",
    "muscle_gain_head_other",
    "proprioception_smb",
    "proprioception_rmd",
    "proprioception_smd",
    "sensor_quick_time",
    "sensor_adaptation_time",
    "log10_sensor_scale",
    "sensor_gain",
)
"""What the second stage of a fit may move: the sensors, the relays and the head."""
