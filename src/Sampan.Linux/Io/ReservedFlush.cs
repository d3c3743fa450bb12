namespace Sampan.Linux.Io;

/// <summary>What is flushed when a <see cref="ReservedFile"/> is filled.</summary>
public enum ReservedFlush
{
    /// <summary>Nothing: the content survives the death of the process.</summary>
    Nothing,

    /// <summary>The content alone: the file's place was flushed before.</summary>
    Content,

    /// <summary>The content and its place.</summary>
    All,
}
