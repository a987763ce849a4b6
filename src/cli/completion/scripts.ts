/** What a shell reads once. For each completion it runs the program, which knows its commands and its archive. */
export const SCRIPTS = { bash: bash(), zsh: zsh(), fish: fish() };

export type Shell = keyof typeof SCRIPTS;
export const SHELLS = ["bash", "zsh", "fish"] as const satisfies Shell[];

/**
 * The line is passed to the program unchanged, never through `eval`: what is typed or offered must not run. bash splits
 * words at `=`, `:` and `@`; its own word (`$2`) shows which part a completion replaces. Runs in bash 3.2.
 */
function bash(): string {
  return `# producer-mirror completion for bash: source <(producer-mirror completion bash)
_producer_mirror() {
  local kind line
  COMPREPLY=()
  {
    IFS= read -r kind
    while IFS= read -r line; do COMPREPLY+=("$line"); done
  } < <(command producer-mirror completion bash -- "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    folders) compopt -o dirnames 2>/dev/null ;;
  esac
}
complete -o nosort -F _producer_mirror producer-mirror 2>/dev/null || complete -F _producer_mirror producer-mirror
`;
}

/** compadd quotes what it inserts. \`(Q)\` takes quotes away and expands nothing. */
function zsh(): string {
  return `#compdef producer-mirror
# producer-mirror completion for zsh: a file _producer-mirror in a folder of $fpath,
# or after compinit: source <(producer-mirror completion zsh)
_producer_mirror() {
  local kind line
  local -a values shown
  {
    IFS= read -r kind
    while IFS= read -r line; do
      values+=("\${line%%$'\\t'*}")
      shown+=("\${line/$'\\t'/  -- }")
    done
  } < <(command producer-mirror completion zsh -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  case $kind in
    files) _files; return ;;
    folders) _files -/; return ;;
  esac
  (( $#values )) || return 1
  local -a how
  [[ "\${(j::)shown}" == *'  -- '* ]] && how=(-l)
  compadd -V producer-mirror $how -d shown -a -- values
}
if [[ $funcstack[1] == _producer-mirror ]]; then
  _producer_mirror "$@"
else
  compdef _producer_mirror producer-mirror
fi
`;
}

/** fish quotes what it inserts, and takes the part after a tab as a description. */
function fish(): string {
  return `# producer-mirror completion for fish: producer-mirror completion fish | source
function __producer_mirror
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer (command producer-mirror completion fish -- $words[2..-1] "$current" 2>/dev/null)
    switch "$answer[1]"
        case files
            __fish_complete_path "$current"
        case folders
            __fish_complete_directories "$current" ''
        case '*'
            printf '%s\\n' $answer[2..-1]
    end
end
complete -c producer-mirror -e
complete -c producer-mirror -f -k -a '(__producer_mirror)'
`;
}
