namespace Sampan.Engine.Containers.Mounts;

/// <summary>A range of ids that are shown as others.</summary>
/// <param name="File">The first as the file system has it.</param>
/// <param name="Seen">The first as the container sees it.</param>
/// <param name="Count">How many.</param>
public sealed record IdMapRange(uint File, uint Seen, uint Count)
{
    /// <summary>Every id as it is.</summary>
    internal static IdMapRange All { get; } = new(0, 0, uint.MaxValue);

    /// <summary>As it is written.</summary>
    public override string ToString() => $"{File}-{Seen}-{Count}";
}
