namespace Sampan.Storage.Registry;

/// <summary>Our registry refused: the specification's code, and what, on what, why, in one clause.</summary>
/// <param name="code">The code.</param>
/// <param name="message">Lower-case, no period, values quoted.</param>
/// <param name="cause">The failure behind it, or null.</param>
public sealed class RegistryRefusalException(RefusalCode code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The code.</summary>
    public RefusalCode Code { get; } = code;
}
