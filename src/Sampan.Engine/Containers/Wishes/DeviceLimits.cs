namespace Sampan.Engine.Containers.Wishes;

/// <summary>Kinds of limits that block devices have each for themselves.</summary>
[Flags]
public enum DeviceLimits
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>Weights.</summary>
    Weights = 1,

    /// <summary>Bytes read per second.</summary>
    ReadBytes = 2,

    /// <summary>Bytes written per second.</summary>
    WriteBytes = 4,

    /// <summary>Reads per second.</summary>
    Reads = 8,

    /// <summary>Writes per second.</summary>
    Writes = 16,
}
