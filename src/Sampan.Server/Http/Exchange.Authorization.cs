using Sampan.Server.Authorization;

namespace Sampan.Server.Http;

internal sealed partial class Exchange
{
    private AuthorizationPlugins? _plugins;
    private AuthorizationMessage? _asked;

    /// <summary>Asks the authorization plugins whether the request may be processed; its answer is shown to them, too.</summary>
    internal async Task AuthorizeAsync(AuthorizationPlugins plugins, RequestPath path, Route route)
    {
        _asked = await plugins.AllowRequestAsync(this, path, route).ConfigureAwait(false);
        _plugins = plugins;
    }

    // Once only: what tells of the refusal is not asked about again.
    private async Task AuthorizeAnswerAsync(int status, ReadOnlyMemory<byte> body)
    {
        if (_plugins is not { } plugins || _asked is not { } asked)
            return;
        _plugins = null;
        await plugins.AllowAnswerAsync(asked, this, status, body).ConfigureAwait(false);
    }
}
