package dev.sluice.auth;

/**
 * Who may come to a path. Immutable.
 *
 * @param rule the kind of rule
 * @param role the role that is needed, empty unless the rule is {@link Rule#ROLE}
 */
public record Access(Rule rule, String role) {
    /** Anybody. */
    public static final Access PUBLIC = new Access(Rule.PUBLIC, "");
    /** Anybody who is signed in; only with a right to write where the method is not a safe one. */
    public static final Access SIGNED_IN = new Access(Rule.SIGNED_IN, "");
    /** The feature decides by itself, also whether {@link Caller#mayWrite}. */
    public static final Access FEATURE = new Access(Rule.FEATURE, "");

    /** Kinds of rules. */
    public enum Rule {
        PUBLIC,
        SIGNED_IN,
        ROLE,
        FEATURE
    }

    /** Those who have a role, and admins; only with a right to write where the method is not a safe one. */
    public static Access role(String role) {
        return new Access(Rule.ROLE, role);
    }
}
