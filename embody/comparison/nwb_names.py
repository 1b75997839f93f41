"""What parts of an NWB file are called, for its reader and its writer."""

PROCESSING = "behavior"
POSITION = "Position"
HEADING = "CompassDirection"
STIMULI = "stimuli"
NOTES = "embody-behaviour-record-1"
