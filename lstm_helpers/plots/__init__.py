"""Every picture. Only the files of this folder import matplotlib, when a picture is asked for."""
