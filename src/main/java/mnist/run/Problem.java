package mnist.run;

import java.util.Set;

/** A command that trains models. */
public interface Problem {
    /** Returns the names of the models whose records it can repeat. */
    Set<String> models();
}
