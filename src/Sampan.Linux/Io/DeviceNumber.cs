namespace Sampan.Linux.Io;

/// <summary>Major and minor number of a device: 1:3 is /dev/null.</summary>
/// <param name="Major">The driver.</param>
/// <param name="Minor">Which of its devices.</param>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Major}:{Minor}";
}
