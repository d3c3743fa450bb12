namespace Sampan.Storage.Volumes;

/// <summary>For whom volumes are made, until it is there itself.</summary>
/// <param name="For">A container's id.</param>
/// <param name="Making">Told the name of each volume just before it is made.</param>
public sealed record VolumeMaker(string For, Action<string> Making);
