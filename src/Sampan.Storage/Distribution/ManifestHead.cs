using System.Text.Json;

namespace Sampan.Storage.Distribution;

/// <summary>The two fields by which a manifest tells what it is, before it is read as that.</summary>
internal static class ManifestHead
{
    /// <summary>Reads <c>schemaVersion</c> and <c>mediaType</c>; null: not there.</summary>
    /// <exception cref="RegistryException">Corrupt: it is no JSON object.</exception>
    internal static (int? Schema, string? MediaType) Read(ReadOnlySpan<byte> content, string name, string host)
    {
        int? schema = null;
        string? mediaType = null;
        try
        {
            var reader = new Utf8JsonReader(content);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException("no object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isSchema = reader.ValueTextEquals("schemaVersion"u8);
                var isType = reader.ValueTextEquals("mediaType"u8);
                reader.Read();
                if (isSchema && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
                    schema = number;
                if (isType && reader.TokenType == JsonTokenType.String)
                    mediaType = reader.GetString();
                reader.Skip();
            }
        }
        catch (JsonException broken)
        {
            throw new RegistryException(StorageError.Corrupt, $"registry '{host}' answered no JSON where manifest '{name}' should be", broken);
        }
        return (schema, mediaType is { Length: > 0 } ? mediaType : null);
    }
}
