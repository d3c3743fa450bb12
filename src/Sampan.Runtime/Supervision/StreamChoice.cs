namespace Sampan.Runtime.Supervision;

/// <summary>Which standard streams a connection carries.</summary>
[Flags]
internal enum StreamChoice : byte
{
    None = 0,
    Stdin = 1,
    Stdout = 2,
    Stderr = 4,
}
