namespace Sampan.Engine.Logs;

/// <summary>A stream of output; the values are those of Docker's framing.</summary>
public enum LogStream
{
    /// <summary>Standard output.</summary>
    Stdout = 1,

    /// <summary>Standard error.</summary>
    Stderr = 2,
}
