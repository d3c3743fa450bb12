namespace Sampan.Runtime.Bundles;

/// <summary>Options of <c>create</c> and <c>run</c>, as runc names them.</summary>
public sealed record CreateOptions
{
    /// <summary>Directory with <c>config.json</c>.</summary>
    public string Bundle { get; init; } = ".";

    /// <summary>File that init's process id is written to, or null.</summary>
    public string? PidFile { get; init; }

    /// <summary>Unix socket that receives the master of the terminal, or null.</summary>
    public string? ConsoleSocket { get; init; }

    /// <summary>Descriptors from 3 on that the program keeps.</summary>
    public int PreservedDescriptors { get; init; }

    /// <summary>True to keep the caller's session keyring.</summary>
    public bool NoNewKeyring { get; init; }

    /// <summary>True to move the root instead of pivoting, for a root on an initramfs.</summary>
    public bool NoPivot { get; init; }
}
