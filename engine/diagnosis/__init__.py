"""What ails a training, why, and what helps: symptoms are cheap to look for, causes are looked into once there is one.

No finding is a guess from a curve alone. Beside a cost that is no longer finite, which speaks for itself, no trouble is
told of unless a cure has been tried on some of the rows and has helped.
"""

from engine.diagnosis.examination import examine
from engine.diagnosis.findings import Cause, Cure, Diagnosis
from engine.diagnosis.patient import Patient
from engine.diagnosis.symptoms import Course, Symptom, chance_cost, course_of, find_symptom

__all__ = [
    "Cause",
    "Course",
    "Cure",
    "Diagnosis",
    "Patient",
    "Symptom",
    "chance_cost",
    "course_of",
    "examine",
    "find_symptom",
]
