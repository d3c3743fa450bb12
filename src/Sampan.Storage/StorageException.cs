namespace Sampan.Storage;

/// <summary>Storage refused: which kind of reason, and what, on what, why, in one clause.</summary>
/// <param name="kind">The kind of reason.</param>
/// <param name="message">Lower-case, no period, values quoted; says what to do where there is something to do.</param>
/// <param name="cause">The failure behind it, or null.</param>
public sealed class StorageException(StorageError kind, string message, Exception? cause = null) : Exception(Printable.Of(message), cause)
{
    /// <summary>The kind of reason.</summary>
    public StorageError Kind { get; } = kind;
}
