namespace Sampan.Server;

/// <summary>The versions that the engine tells of itself.</summary>
public static class EngineVersion
{
    /// <summary>Sampan's own version.</summary>
    public const string Own = "0.1.0";

    /// <summary>
    /// The version that clients of the Docker Engine API are told: the Docker release whose API this engine follows, with
    /// Sampan's own behind the plus, where distributions put theirs. Clients decide by it what the engine can do.
    /// </summary>
    public const string Docker = "29.0.0+sampan" + Own;
}
