"""The checks, one file a family (layer 3): each looks at a corpus, plans the transform that would mend it, and says
what it saw.
"""
