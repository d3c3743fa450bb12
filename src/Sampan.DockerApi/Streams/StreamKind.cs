namespace Sampan.DockerApi.Streams;

/// <summary>The first byte of a frame: which standard stream its payload belongs to.</summary>
public enum StreamKind : byte
{
    /// <summary>Standard input; Docker writes it to nobody.</summary>
    Stdin = 0,

    /// <summary>Standard output.</summary>
    Stdout = 1,

    /// <summary>Standard error.</summary>
    Stderr = 2,

    /// <summary>An error of the engine, as text, in place of output.</summary>
    SystemError = 3,
}
