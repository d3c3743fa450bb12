namespace Sampan.Cli.Completion;

/// <summary>The shells' halves of completion. ":files" in the answer asks the shell for file names.</summary>
internal static class CompletionScripts
{
    public const string Bash = """
        # bash completion for sampan
        _sampan() {
            local current="${COMP_WORDS[COMP_CWORD]}" line candidates=()
            COMPREPLY=()
            # A name may hold colons, at which bash splits words: put them together again.
            if declare -F _get_comp_words_by_ref >/dev/null; then
                local words cword
                _get_comp_words_by_ref -n : -w words -i cword
                current="${words[cword]}"
                set -- "${words[@]:1:cword}"
            else
                set -- "${COMP_WORDS[@]:1:COMP_CWORD}"
            fi
            while IFS= read -r line; do
                if [[ $line == :files ]]; then
                    compopt -o filenames 2>/dev/null
                    while IFS= read -r line; do candidates+=("$line"); done < <(compgen -f -- "$current")
                else
                    candidates+=("${line%%$'\t'*}")
                fi
            done < <(sampan __complete -- "$@" 2>/dev/null)
            COMPREPLY=("${candidates[@]}")
            if declare -F __ltrim_colon_completions >/dev/null; then __ltrim_colon_completions "$current"; fi
        }
        complete -F _sampan sampan

        """;

    public const string Zsh = """
        #compdef sampan
        _sampan() {
            local line
            local -a candidates
            while IFS= read -r line; do
                if [[ $line == :files ]]; then
                    _files
                else
                    candidates+=("${${line%%$'\t'*}//:/\\:}${${line#*$'\t'}:+:${line#*$'\t'}}")
                fi
            done < <(sampan __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
            (( ${#candidates} )) && _describe 'sampan' candidates
        }
        if [[ $funcstack[1] == _sampan ]]; then _sampan "$@"; else compdef _sampan sampan; fi

        """;

    public const string Fish = """
        # fish completion for sampan
        function __sampan_complete
            set -l words (commandline -opc) (commandline -ct)
            for line in (sampan __complete -- $words[2..-1] 2>/dev/null)
                if test "$line" = :files
                    __fish_complete_path (commandline -ct)
                else
                    echo $line
                end
            end
        end
        complete -c sampan -f -a '(__sampan_complete)'

        """;
}
