namespace Sampan.Linux.Io;

/// <summary>What a descriptor is ready for; epoll's values.</summary>
[Flags]
public enum PollEvents : uint
{
    /// <summary>Nothing: only an end or an error is reported.</summary>
    None = 0,

    /// <summary>Reading gives data or the end.</summary>
    Input = 1,

    /// <summary>Something exceptional: a file of the kernel has changed.</summary>
    Priority = 2,

    /// <summary>Writing takes data.</summary>
    Output = 4,

    /// <summary>An error; always reported.</summary>
    Error = 8,

    /// <summary>The other side has closed both directions; always reported.</summary>
    Hangup = 0x10,
}
