namespace Sampan.Compose.Running;

/// <summary>When containers are replaced.</summary>
public enum RecreateMode
{
    /// <summary>When what they should be has changed.</summary>
    Changed,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}
