using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Sampan.DockerApi.Client;

/// <summary>Streams of JSON values, one after the other, as load, pull, events and stats send them.</summary>
internal static class JsonLines
{
    public static async IAsyncEnumerable<T> ReadAsync<T>(Stream stream, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using (stream.ConfigureAwait(false))
        {
            var values = JsonSerializer.DeserializeAsyncEnumerable(stream, type, topLevelValues: true, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (values.ConfigureAwait(false))
            {
                while (true)
                {
                    T? value;
                    try
                    {
                        if (!await values.MoveNextAsync().ConfigureAwait(false)) yield break;
                        value = values.Current;
                    }
                    catch (JsonException e)
                    {
                        throw new DockerApiException(null, $"the engine's stream is not the JSON that was expected: {e.Message}", e);
                    }
                    if (value is not null) yield return value;
                }
            }
        }
    }
}
