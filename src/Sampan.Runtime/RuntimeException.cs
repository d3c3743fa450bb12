namespace Sampan.Runtime;

/// <summary>A container could not be made, started or controlled: which step failed, and why.</summary>
/// <param name="step">The step of the recipe, in words: <c>mount</c>, <c>set user</c>.</param>
/// <param name="message">What failed, on what, why.</param>
/// <param name="cause">The failure behind it, or null.</param>
public class RuntimeException(string step, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The step of the recipe that failed.</summary>
    public string Step { get; } = step;
}
