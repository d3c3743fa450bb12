namespace Sampan.Storage.Distribution;

/// <summary>A registry refused, cannot be reached, or answers what no registry should: which, what, why, in one clause.</summary>
public sealed class RegistryException : Exception
{
    internal RegistryException(StorageError kind, string message, Exception? cause = null)
        : base(Printable.Of(message), cause) => Kind = kind;

    /// <summary>The kind of reason.</summary>
    public StorageError Kind { get; }

    /// <summary>The HTTP status, or null if there was no answer.</summary>
    public int? Status { get; init; }

    /// <summary>The registry's own code, such as <c>MANIFEST_UNKNOWN</c>, or null.</summary>
    public string? Code { get; init; }

    /// <summary>True if the same request may succeed a little later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>True if there was not even a connection: a wrong name or port, a registry that is down.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>How long the registry wants to be left alone, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True if the answer means that it is not there, or not for this user.</summary>
    internal bool IsRefusal => Kind is StorageError.NotFound or StorageError.Unauthorized or StorageError.Forbidden;
}
