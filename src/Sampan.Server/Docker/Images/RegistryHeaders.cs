using System.Buffers.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sampan.DockerApi;
using Sampan.DockerApi.Engines;
using Sampan.Engine;
using Sampan.Engine.Images;

namespace Sampan.Server.Docker.Images;

/// <summary>Reads <c>X-Registry-Auth</c>: the base64url of an <see cref="AuthConfig"/>.</summary>
internal static class RegistryHeaders
{
    private const int MaxLength = 64 * 1024;

    /// <summary>The client's credentials; null: none.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: the header is broken.</exception>
    internal static RegistryLogin? Login(HttpRequest request)
    {
        var text = request.Headers["X-Registry-Auth"].ToString();
        if (text.Length == 0)
            return null;
        if (text.Length > MaxLength)
            throw new EngineException(ErrorKind.InvalidArgument, $"invalid X-Registry-Auth header: it is longer than {MaxLength} bytes");
        try
        {
            // Clients write both alphabets, with padding and without.
            var bytes = Base64Url.DecodeFromChars(text.Replace('+', '-').Replace('/', '_').TrimEnd('='));
            return JsonSerializer.Deserialize(bytes, DockerApiJson.Wire.AuthConfig) is { } config ? ToLogin(config) : null;
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            // The reason would quote what may be a password.
            throw new EngineException(ErrorKind.InvalidArgument, "invalid X-Registry-Auth header: expected the base64url of a JSON object");
        }
    }

    /// <summary>The credentials; null where nothing is given.</summary>
    internal static RegistryLogin ToLogin(AuthConfig config) => new()
    {
        Username = Given(config.Username),
        Password = Given(config.Password),
        IdentityToken = Given(config.IdentityToken),
        RegistryToken = Given(config.RegistryToken),
        ServerAddress = Given(config.ServerAddress),
    };

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
