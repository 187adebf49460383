"""Recall: does the drawing of a face find the photograph it was read from, among many?"""
