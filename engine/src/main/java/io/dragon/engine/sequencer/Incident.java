package io.dragon.engine.sequencer;

/** One record of something that went wrong, or right again. */
final class Incident {
    long number;
    long timeMs;
    long lastMs;
    int kind;
    int rule;
    int subjectKind;
    int subjectId;
    int subjectIncarnation;

    /** What makes a repetition the same, beside kind, rule and subject. */
    long about;

    long detectedMs;
    long moved;
    long retried;
    long repeated;
    String name = "";
    String text = "";

    boolean isOf(final int kindOfSubject, final int id, final int incarnation) {
        return subjectKind == kindOfSubject && subjectId == id && subjectIncarnation == incarnation;
    }
}
