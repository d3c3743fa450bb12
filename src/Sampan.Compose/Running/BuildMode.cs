namespace Sampan.Compose.Running;

/// <summary>When images that are built are built.</summary>
public enum BuildMode
{
    /// <summary>When they are missing, or as the service's <c>pull_policy</c> says.</summary>
    Missing,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}
