namespace Sampan.Server.Authorization;

/// <summary>What an authorization plugin answers.</summary>
internal sealed record AuthorizationVerdict
{
    /// <summary>It may.</summary>
    public bool Allow { get; init; }

    /// <summary>Why not, for the user.</summary>
    public string? Msg { get; init; }

    /// <summary>The plugin could not decide.</summary>
    public string? Err { get; init; }
}
