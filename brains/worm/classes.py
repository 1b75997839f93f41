"""Groups of neuron classes that share a calibrated gain."""

FORWARD_MOTOR = ("DB", "VB")
BACKWARD_MOTOR = ("DA", "VA")
GABA_MOTOR = ("DD", "VD")
VENTRAL_CORD_MOTOR = (*FORWARD_MOTOR, *BACKWARD_MOTOR, *GABA_MOTOR, "AS")
FORWARD_COMMAND = ("AVB", "PVC")
BACKWARD_COMMAND = ("AVA", "AVD", "AVE")
COMMAND = (*FORWARD_COMMAND, *BACKWARD_COMMAND)
CHEMOSENSORY = ("ASE", "AWC", "AWA")
RELAY = ("AIY", "AIZ", "AIB", "AIA", "RIA", "RIB")
TOUCH = ("ALM", "AVM", "PLM", "PVM")
HEAD_OTHER = ("SIA", "SIB", "SAB", "RME", "URA", "IL1", "RIV", "SAA")

CHEMICAL_GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "forward_motor_to_gaba": (FORWARD_MOTOR, GABA_MOTOR),
    "backward_motor_to_gaba": ((*BACKWARD_MOTOR, "AS"), GABA_MOTOR),
    "gaba_to_motor": (GABA_MOTOR, VENTRAL_CORD_MOTOR),
    "command_to_motor": (COMMAND, VENTRAL_CORD_MOTOR),
    "command_to_command": (COMMAND, COMMAND),
    "tyramine": (("RIM",), (*FORWARD_COMMAND, "SMD", "RMD")),
    "touch_to_command": (TOUCH, COMMAND),
    "sensory_to_aiy": (CHEMOSENSORY, ("AIY",)),
    "sensory_to_aib": (CHEMOSENSORY, ("AIB",)),
    "sensory_to_aiz": (CHEMOSENSORY, ("AIZ",)),
    "aiy_to_aiz": (("AIY",), ("AIZ",)),
    "aiz_to_smb": (("AIZ",), ("SMB",)),
    "aib_to_rim": (("AIB",), ("RIM",)),
}
"""Class pairs (pre, post) whose chemical synapses have a gain of their own."""

GAP_GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "command_to_motor_gap": (COMMAND, VENTRAL_CORD_MOTOR),
}
"""Class pairs whose gap junctions have a gain of their own (both directions)."""

MUSCLE_GROUPS: dict[str, tuple[str, ...]] = {
    "forward_motor": FORWARD_MOTOR,
    "backward_motor": BACKWARD_MOTOR,
    "gaba_motor": GABA_MOTOR,
    "as_motor": ("AS", "VC"),
    "smd": ("SMD",),
    "rmd": ("RMD",),
    "smb": ("SMB",),
    "head_other": HEAD_OTHER,
}
"""Motor classes that share a neuromuscular gain."""

HEAD_MUSCLE_GROUPS = ("smd", "rmd", "smb", "head_other")
LAST_HEAD_MUSCLE_ROW = 8
"""Head and neck motor neurons drive rows 1 to 8 only (White et al. 1986)."""

TAIL_BACKWARD_MOTOR = ("DA8", "DA9", "VA11", "VA12")
"""A-type cells whose posterior field would reach past the tail."""

ODOUR_RESPONSE = {
    "ASEL": 1.0,
    "ASER": -1.0,
    "AWCL": -1.0,
    "AWCR": -1.0,
    "AWAL": 1.0,
    "AWAR": 1.0,
}
"""+1 where a rise of the odour excites, -1 where a fall does.

ASEL on, ASER off: Suzuki et al. 2008, Nature 454:114. AWC off: Chalasani et al. 2007, Nature
450:63. AWA on: Larsch et al. 2015, Cell Rep. 12:1748.
"""
