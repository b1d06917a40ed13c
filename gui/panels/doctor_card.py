"""A card above the plots that says what is wrong with a training, why, and has a button for each cure."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.diagnosis import Cure, Diagnosis
from gui.doctor import Doctor
from gui.flow_layout import FlowLayout
from gui.plain_text import plain

MOST_CURES = 3


class DoctorCard(QFrame):
    """There while the doctor has a diagnosis."""

    def __init__(self, doctor: Doctor, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._doctor = doctor
        self.setObjectName("doctor_card")
        self.setProperty("card", True)
        self._symptom = self._label("doctor_symptom")
        self._symptom.setProperty("error", True)
        self._cause = self._label("doctor_cause")
        self._cures = [self._button(f"doctor_cure_{i}", "") for i in range(1, MOST_CURES + 1)]
        for i, button in enumerate(self._cures):
            button.clicked.connect(partial(self._apply, i))
        self._go_on = self._button("doctor_go_on", self.tr("Train on regardless"))
        self._go_on.setToolTip(self.tr("Go on with the same settings; this is not told again in this run"))
        self._go_on.clicked.connect(doctor.go_on)
        off = self._button("doctor_off", self.tr("Do not watch trainings"))
        off.setToolTip(self.tr("Switch these messages off for good; the menu Run switches them on again"))
        off.clicked.connect(lambda: doctor.action.setChecked(False))
        close = self._button("doctor_close", "✕")
        close.setAutoRaise(True)
        close.setAccessibleName(self.tr("Close this message"))
        close.setToolTip(close.accessibleName())
        close.clicked.connect(doctor.dismiss)
        buttons = QWidget(self)
        flow = FlowLayout(buttons)
        for button in (*self._cures, self._go_on, off):
            flow.addWidget(button)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        buttons.setSizePolicy(policy)
        text = QVBoxLayout()
        text.setSpacing(4)
        text.addWidget(self._symptom)
        text.addWidget(self._cause)
        text.addSpacing(2)
        text.addWidget(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 6, 10)
        layout.addLayout(text, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        doctor.changed.connect(self._show)
        self._show()

    def _label(self, name: str) -> QLabel:
        label = plain(QLabel(self))
        label.setObjectName(name)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _button(self, name: str, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _show(self) -> None:
        diagnosis = self._doctor.diagnosis
        if diagnosis is None:
            self.hide()
            return
        self._symptom.setText(diagnosis.symptom.sentence)
        self._cause.setText(diagnosis.explanation)
        self.setAccessibleName(diagnosis.sentence)
        for i, button in enumerate(self._cures):
            cure = diagnosis.cures[i] if i < len(diagnosis.cures) else None
            button.setVisible(cure is not None)
            if cure is not None:
                self._offer(button, cure, diagnosis, best=i == 0)
        self._go_on.setVisible(self._doctor.holds_training)
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _offer(self, button: QToolButton, cure: Cure, diagnosis: Diagnosis, *, best: bool) -> None:
        button.setText(cure.label)
        tip = self._tip(cure, diagnosis)
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        button.setProperty("primary", best)
        button.style().unpolish(button)
        button.style().polish(button)

    def _apply(self, index: int, _checked: bool = False) -> None:
        if (diagnosis := self._doctor.diagnosis) is not None:
            self._doctor.apply(diagnosis.cures[index])

    def _tip(self, cure: Cure, diagnosis: Diagnosis) -> str:
        moment = self._doctor.good_moment
        if cure.anew or cure.preparation is not None:
            return self.tr("Changes the setting and trains anew, from the first weights")
        if not diagnosis.urgent:
            return self.tr("Changes the setting and trains on")
        epoch = f"{moment.epoch:,}" if moment is not None else "0"
        return self.tr("Changes the setting and trains on from the best weights so far, those of epoch {epoch}").format(
            epoch=epoch
        )
